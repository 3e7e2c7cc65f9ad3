package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// dropProgramPages unmaps the pages of the program's own file from memory.
// They are clean and stay in the kernel's cache; those that are wanted again
// come back by a minor fault. Failing costs nothing but memory, so it is silent.
func dropProgramPages() {
	// In a position-independent program the loader writes into pages that are
	// read-only afterwards; those are not in the file.
	if buildSetting("-buildmode") != "exe" {
		return
	}
	self, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return
	}
	defer maps.Close()
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		var from, to uintptr
		var mode string
		line := lines.Text()
		if n, _ := fmt.Sscanf(line, "%x-%x %s", &from, &to, &mode); n != 3 || !strings.HasSuffix(line, " "+self) {
			continue
		}
		// Read-only mappings alone: what was written to is nowhere else.
		if mode == "r-xp" || mode == "r--p" {
			_, _, _ = unix.Syscall(unix.SYS_MADVISE, from, to-from, unix.MADV_DONTNEED)
		}
	}
}
