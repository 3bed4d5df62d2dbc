// Package gate decides whether a new adapter may be tried on the person's tasks, by
// what it and the one in use say on steps that neither was trained on. It knows no
// model: it is told who said the right action where.
//
// On corrections of tasks that were not learned from the candidate has to be better. While
// these are few it may be no worse there, if it is better on what was corrected, in other
// words; then it may be tried as a canary only. On replayed steps of the starter, and on
// the regression set, the steps of the README's kinds of tasks that come with the program, it
// must not be worse by more than a margin, and neither on steps of sessions that the person
// rated well. There only those count that the champion says: the agent did all of them right, with
// a grammar, and with what is private in the prompt, so that what a candidate seems to gain it had.
// Each is decided by the interval that holds the true difference.
package gate
