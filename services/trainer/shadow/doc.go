// Package shadow scores a version on what a person has already rated: it is asked what it
// would do where the agent once stood, and its answer is compared with what the person said of
// the step. Nothing is done with the answer; no desktop is touched.
package shadow
