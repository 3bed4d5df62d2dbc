// Package blame says of each step of a rated session whether it was right or wrong,
// whose fault it was, how sure that is, and why. It is pure: the same session gives
// the same verdicts.
//
// What the person said of a step counts before everything but one: a click that
// landed outside its own element was no fault of the plan, whatever was said of it.
// Where nothing was said, the session itself is read: what had no effect, what was done
// again on the same screen, what was waited for in vain, what came right before a failure.
package blame
