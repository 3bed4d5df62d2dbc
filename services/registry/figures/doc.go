// Package figures says how adapter versions do, from what became of the sessions that they
// planned: mean stars and the share of successes, each with a 95 % interval, and how
// much better a version does than its parent. It is pure.
//
// The intervals are those of one look at independent sessions. They describe: two versions
// worked at different times on different tasks, and whoever looks after every session finds
// a difference sooner or later. Deciding is what package experiment is for.
package figures
