package humaapi

// Metrics counts.
type Metrics struct{}
