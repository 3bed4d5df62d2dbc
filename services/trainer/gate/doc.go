// Package gate decides whether a new adapter may be tried on the person's tasks, by
// what it and the one in use say on steps that neither was trained on. It knows no
// model: it is told who said the right action where.
//
// Three sets of steps count. On held-out corrections, what the person said would have been
// right, the candidate has to be better. On replayed steps of the starter, and on the
// regression set, the steps of the README's kinds of tasks that come with the program, it
// must not be worse by more than a margin. Each is decided by the interval that holds the
// true difference.
package gate
