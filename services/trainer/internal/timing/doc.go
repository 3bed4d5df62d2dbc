// Package timing says at which times trainings are welcome: on a schedule, and outside
// of quiet hours. It knows no clock: every function is told the time.
package timing
