package job

import (
	"path/filepath"

	"github.com/grokputer/grokputer/services/trainer/gate"
)

const curveFile = "curve.json"

// curve are the losses of a training, over all its processes.
type curve struct {
	points []gate.Point
	path   string
}

// open reads what earlier processes noted.
func (c *curve) open(folder string) error {
	c.path = filepath.Join(folder, curveFile)
	points, err := readJSON[[]gate.Point](c.path)
	if points != nil {
		c.points = *points
	}
	return err
}

// stepped notes the loss of a step. What a killed process did after its last checkpoint
// is done again, and noted once.
func (c *curve) stepped(step int, loss float64) { c.at(step).Loss = loss }

// evaluated notes the held-out loss after a step.
func (c *curve) evaluated(step int, loss float64) { c.at(step).HeldOut = loss }

// heldOut is the held-out loss after a step, 0 if it is not known.
func (c *curve) heldOut(step int) float64 {
	for _, p := range c.points {
		if p.Step == step {
			return p.HeldOut
		}
	}
	return 0
}

// at is the point of a step, the last of the curve.
func (c *curve) at(step int) *gate.Point {
	for len(c.points) > 0 && c.points[len(c.points)-1].Step > step {
		c.points = c.points[:len(c.points)-1]
	}
	if len(c.points) == 0 || c.points[len(c.points)-1].Step < step {
		c.points = append(c.points, gate.Point{Step: step})
	}
	return &c.points[len(c.points)-1]
}

func (c *curve) save() error { return writeJSON(c.path, c.points) }
