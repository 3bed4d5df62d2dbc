// Package simulation draws experiments between two adapter versions whose stars and
// successes have known distributions, and counts how a rule decides them when it looks
// after every session.
package simulation
