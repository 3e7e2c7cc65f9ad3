// Package crashtest kills the real program, starts it again and checks what
// it promised: nothing that was accepted is lost, nothing is paid for twice.
// The maker of the pictures is a stand-in that counts its calls.
package crashtest
