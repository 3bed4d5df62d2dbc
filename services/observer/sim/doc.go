// Package sim is a simulated desktop for tests: pictures drawn here, windows
// as they are told, and a reader that knows the one typeface they are drawn in.
package sim
