// Package xtest is the actor's hands on an X display, through the XTEST extension.
//
// # Every stroke whole, and on record
//
// A stroke (a click, a character, a combination of keys) and its entry in the
// ledger go to the X server in one write: a process that is killed at any moment
// has sent both or neither. A busy server may throw away the rest of a stroke when
// it sees that the process is gone; then the ledger says that there is a doubt.
// It is a property of the root window, which outlives the process and ends with
// the server, as do the programs that the input went to. So after a crash it is
// known exactly what reached the desktop, or that it is not known.
//
// Xlib is not used: it ends the process when the server goes away.
package xtest
