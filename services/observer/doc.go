// Package observer is the agent's eyes: it captures a desktop, finds what is
// on it, reads the text, and answers with the element list that the planner
// works from.
//
// The ports are here, with what joins them: a Capturer takes the picture, a
// Desk knows the windows, a Finder finds the elements and cuts out their lines
// of text, a Reader reads those. Each has its implementations in subpackages,
// one for each technology, and a simulated one in package sim.
package observer
