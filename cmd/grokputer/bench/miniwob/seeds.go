package miniwob

import (
	"fmt"
	"strconv"
	"strings"
)

// FirstEvaluationSeed is the least seed that the agent is judged with; those
// below are for making it better.
const FirstEvaluationSeed = 1_000_000

// maxSeeds bounds how many seeds one setting can name.
const maxSeeds = 100_000

// ParseSeeds reads seeds: a range such as 1000000-1000049, or a number, which is
// how many evaluation seeds, or several of these with commas between them.
func ParseSeeds(s string) ([]int64, error) {
	var seeds []int64
	for part := range strings.SplitSeq(s, ",") {
		low, high, isRange := strings.Cut(strings.TrimSpace(part), "-")
		first, err := strconv.ParseInt(low, 10, 64)
		last := FirstEvaluationSeed + first - 1
		if isRange && err == nil {
			last, err = strconv.ParseInt(high, 10, 64)
		} else {
			first = FirstEvaluationSeed
		}
		if err != nil || last < first || last-first >= maxSeeds {
			return nil, fmt.Errorf("seeds: %q is neither a range such as 1000000-1000049 nor how many", part)
		}
		for seed := first; seed <= last; seed++ {
			seeds = append(seeds, seed)
		}
	}
	return seeds, nil
}
