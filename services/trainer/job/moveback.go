package job

import (
	"fmt"

	"github.com/grokputer/grokputer/lm/lora"
	"github.com/grokputer/grokputer/services/trainer"
)

// moveBack takes a trained adapter a part of the way back to its parent. Few corrections in many
// variants are learned to the last, and what has nothing to do with them is unlearned beside it, of which the
// gate's sets see little: three quarters of the way have nearly all of the first and little of the
// second (docs/adr/0028). One that began from the base has no parent to keep to.
func (r *run) moveBack(recipe trainer.Recipe, trained *lora.Adapter) (moved bool, err error) {
	if r.ParentFolder == "" || recipe.Part == 0 || recipe.Part == 1 {
		return false, nil
	}
	parent, err := r.start(recipe)
	if err != nil {
		return false, err
	}
	if err := trained.MoveBack(parent, float32(recipe.Part)); err != nil {
		return false, fmt.Errorf("move %s back to %s: %w", r.Version, r.Parent, err)
	}
	return true, nil
}
