// Package trainer is the service that learns from ratings: it decides when a
// training is due, puts the corrected and the well-rated steps together, has a
// child process train a LoRA adapter on them, and publishes what came of it as
// a version.
package trainer
