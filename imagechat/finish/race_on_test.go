//go:build race

package finish

// raceEnabled: the race detector makes pixels twenty times as dear and looks
// for nothing in them. Under it, tests of every size and source take some of
// them, and tests of memory smaller pictures.
const raceEnabled = true
