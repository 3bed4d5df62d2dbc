package job

import (
	"github.com/grokputer/grokputer/services/trainer"
	"github.com/grokputer/grokputer/services/trainer/gate"
)

// OwnOf returns what a search's trainings read.
func OwnOf(read []trainer.Example) []trainer.Example { return ownOf(read).read }

// RecipeOf is a recipe with a trial's settings.
func RecipeOf(r trainer.Recipe, t gate.Trial) trainer.Recipe { return recipeOf(r, t) }
