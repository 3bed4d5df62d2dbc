// Package tests holds what no module can test by itself: the rules between
// modules, and whole programs on a real screen.
package tests
