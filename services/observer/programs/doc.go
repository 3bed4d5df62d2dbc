// Package programs tests the eyes on real programs on a real screen: what is
// read is compared with what was typed. It holds nothing but tests.
package programs
