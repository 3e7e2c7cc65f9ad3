package main

type serveCmd struct{}

// Run serves until a signal comes.
func (c *serveCmd) Run(p *program) error {
	_, err := p.config()
	return err
}
