package job

import (
	"fmt"
	"path/filepath"
	"syscall"
	"time"
)

const spentFile = "spent.json"

// stopwatch is how long a job has taken, over all its processes. What a killed
// process did after its last checkpoint is done again, and is not counted.
type stopwatch struct {
	Seconds    float64 `json:"seconds"`
	CPUSeconds float64 `json:"cpu_seconds"`

	path   string
	before struct{ seconds, cpu float64 }
	began  time.Time
}

// open reads what earlier processes spent, and starts.
func (s *stopwatch) open(folder string) error {
	s.path, s.began = filepath.Join(folder, spentFile), time.Now()
	earlier, err := readJSON[stopwatch](s.path)
	if earlier == nil {
		return err
	}
	s.Seconds, s.CPUSeconds = earlier.Seconds, earlier.CPUSeconds
	s.before.seconds, s.before.cpu = s.Seconds, s.CPUSeconds
	return nil
}

// rested takes out a time in which nothing was done.
func (s *stopwatch) rested(d time.Duration) { s.began = s.began.Add(d) }

// now is how many seconds were spent.
func (s *stopwatch) now() float64 { return s.before.seconds + time.Since(s.began).Seconds() }

// save notes what was spent until now.
func (s *stopwatch) save() error {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return fmt.Errorf("read the processor's time: %w", err)
	}
	s.Seconds = s.now()
	s.CPUSeconds = s.before.cpu + time.Duration(used.Utime.Nano()+used.Stime.Nano()).Seconds()
	return writeJSON(s.path, s)
}
