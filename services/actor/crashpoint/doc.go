// Package crashpoint lets a test end a real program with SIGKILL at a chosen
// moment of a step. It does so only in programs that are built with the tag
// crashpoints; in all others Hook is nil.
package crashpoint
