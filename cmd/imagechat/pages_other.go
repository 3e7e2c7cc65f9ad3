//go:build !linux

package main

// dropProgramPages is for Linux only, where small machines run.
func dropProgramPages() {}
