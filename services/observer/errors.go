package observer

import "errors"

var (
	// ErrNoScreen tells that there is no X screen to look at, or it does not answer.
	ErrNoScreen = errors.New("no screen")
	// ErrOtherDesktop tells that the request is for a desktop that this
	// observer does not look at.
	ErrOtherDesktop = errors.New("not a desktop of this observer")
)
