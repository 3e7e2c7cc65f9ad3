// Package recordbench measures requests to the record in one process, where
// they can be profiled:
//
//	go test -run '^$' -bench . -cpuprofile cpu.out ./internal/recordbench
package recordbench
