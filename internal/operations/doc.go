// Package operations tests what an operator does with the real program:
// backing up under load, restoring after a crash, asking the doctor, and
// looking for secrets in everything that is left behind.
package operations
