package imagechat

// Delete this file when purpose.go, style.go, lang.go and prompt.go arrive.

type Lang string
type Purpose struct{ ID string }
type Style struct{ ID string }
type Prompt struct{ System, Text string }
type Registry struct{}
