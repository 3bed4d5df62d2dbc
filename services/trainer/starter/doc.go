// Package starter makes the examples from which the starter adapter learns:
// made-up screens with a task and the right next action. It teaches the action
// language and how a task's words name what stands on a screen, not any
// particular program: words, captions, windows and values are drawn at random.
package starter
