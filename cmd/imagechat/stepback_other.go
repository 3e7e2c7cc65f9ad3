//go:build !linux

package main

// stepBack is for Linux only, where a thread has a priority of its own.
func stepBack() {}
