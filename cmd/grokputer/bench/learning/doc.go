// Package learning is the learning curve: a scripted user rates what the agent does on real
// pages and says, of what went wrong, what would have been right; trainings, gates and
// promotions come of that by themselves; and after each round the agent is judged with seeds
// that it never learned from. What is here computes and writes files; the command line has
// the services, the pages and the browser.
package learning
