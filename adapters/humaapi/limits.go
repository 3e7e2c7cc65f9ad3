package humaapi

// Limits bounds what one caller may do. Zero values mean the defaults,
// negative ones no limit.
type Limits struct {
	// RequestsPerSecond and RequestBurst bound the requests of one address
	// that is not logged in, and of one owner; 50 and 200 by default.
	RequestsPerSecond float64
	RequestBurst      int
	// TurnsPerMinute and TurnBurst bound the turns that one owner starts;
	// 30 and 15 by default.
	TurnsPerMinute float64
	TurnBurst      int
	// LoginsPerMinute and LoginBurst bound the wrong tokens of one address;
	// 5 and 10 by default.
	LoginsPerMinute float64
	LoginBurst      int
}
