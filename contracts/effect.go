package contracts

// Effect is how much of the screen an action changed. What moves by itself,
// such as a spinner or a caret that blinks, counts for nothing.
type Effect string

// The effects, from the least to the largest.
const (
	EffectNothing Effect = "nothing" // the screen is the same
	EffectFocus   Effect = "focus"   // what is typed goes elsewhere: a caret, or the ring around an element, has moved
	EffectRegion  Effect = "region"  // a part of a window
	EffectWindow  Effect = "window"  // a window or a dialog has come or gone, or another title is in front
)
