//go:build race

package finish

// raceEnabled: the race detector makes pixels ten times as dear.
const raceEnabled = true
