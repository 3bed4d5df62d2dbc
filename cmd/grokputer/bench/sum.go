package bench

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"

	"github.com/grokputer/grokputer/cmd/grokputer/readback"
	"github.com/grokputer/grokputer/contracts"
)

// drawSum: a sum is worked out in the calculator and answered.
func drawSum(rng *rand.Rand) Case {
	a, b := randomNumber(rng), randomNumber(rng)
	sum := fmt.Sprintf(one(rng, "%d+%d", "%d + %d", "%d plus %d"), a, b)
	return Case{
		Kind: "sum",
		Task: one(rng,
			"open the calculator and work out "+sum,
			"please open the calculator and work out "+sum,
			"open the calculator and calculate "+sum,
			"use the calculator to work out "+sum,
			"start the calculator and tell me what "+sum+" is",
			"what is "+sum+"? work it out with the calculator",
		),
		Judge: func(ctx context.Context, p Place, end contracts.TaskEnded) (string, error) {
			if !says(end.Answer, a+b) {
				return fmt.Sprintf("the answer is %q, it is %d", end.Answer, a+b), nil
			}
			shown, err := readback.Copied(ctx, p.Display, p.Calculator)
			if errors.Is(err, readback.ErrNoWindow) {
				return "no calculator is open", nil
			}
			if err != nil {
				return "", err
			}
			if shown != strconv.Itoa(a+b) {
				return fmt.Sprintf("the calculator shows %q", shown), nil
			}
			return "", nil
		},
	}
}

// randomNumber has one to four digits, short ones as often as long ones.
func randomNumber(rng *rand.Rand) int {
	return rng.IntN(one(rng, 10, 100, 1000, 10000))
}
