//go:build !race

package finish

const raceEnabled = false
