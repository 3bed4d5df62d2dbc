package contracts_test

import (
	"strings"
	"testing"

	"github.com/grokputer/grokputer/contracts"
)

func TestPinsAreReadAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                             "",
		"lora-v3":                      "lora-v3",
		"none":                         "none",
		"planner:lora-v3":              "lora-v3",
		"lora-v3*1":                    "lora-v3",
		"lora-v3*0.5":                  "lora-v3*0.5",
		"lora-v3*0.7+lora-v5*0.3":      "lora-v3*0.7+lora-v5*0.3",
		"lora-v3+lora-v5*-0.25":        "lora-v3*1+lora-v5*-0.25",
		"recovery:lora-v2":             "recovery:lora-v2",
		"recovery:none,lora-v3":        "planner:lora-v3,recovery:none",
		"action:a*1e-1,planner:b+c*.5": "planner:b*1+c*0.5,action:a*0.1",
	} {
		pins, err := contracts.ParsePins(text)
		if err != nil || pins.String() != want {
			t.Errorf("%q is %q, want %q: %v", text, pins, want, err)
			continue
		}
		again, err := contracts.ParsePins(pins.String())
		if err != nil || again.String() != want {
			t.Errorf("%q is read again as %q: %v", want, again, err)
		}
	}
}

func TestPinsThatAreNone(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"../x":                            "want a version such as lora-v3",
		"recovery:lora-v3,":               "no version",
		"cook:lora-v3":                    "none of [planner recovery action]",
		"reader:lora-v3":                  "no language model",
		"lora-v3,planner:lora-v2":         "names the role planner twice",
		"lora-v3*x":                       `the weight "x" of lora-v3`,
		"lora-v3*0":                       "not a number other than 0",
		"lora-v3*NaN":                     "not a number other than 0",
		"lora-v3*inf":                     "not a number other than 0",
		"lora-v3*0.5+lora-v3*0.5":         "lora-v3 is in it twice",
		"lora-v3+none":                    "nothing is stacked",
		"none*0.5":                        "nothing is stacked",
		"lora-v3:lora-v2:x":               "role",
		"a+b+c+d+e+f+g+h+i":               "at most 8",
		strings.Repeat("a", 129):          "no version",
		"planner:lora-v3*0.7*2+lora-v4*1": "not a number other than 0",
	} {
		if pins, err := contracts.ParsePins(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is read as %q: %v", text, pins, err)
		}
	}
}

func TestARoleThatIsNotPinnedIsThePlanners(t *testing.T) {
	t.Parallel()
	pins, err := contracts.ParsePins("lora-v3,recovery:lora-v1")
	if err != nil {
		t.Fatal(err)
	}
	for role, want := range map[contracts.Role]string{
		contracts.RolePlanner: "lora-v3", contracts.RoleRecovery: "lora-v1", contracts.RoleAction: "lora-v3",
	} {
		if s, ok := pins.For(role); !ok || s.String() != want {
			t.Errorf("the %s is pinned to %q, want %q", role, s, want)
		}
	}
	pins, err = contracts.ParsePins("recovery:lora-v1")
	if s, ok := pins.For(contracts.RolePlanner); err != nil || ok {
		t.Errorf("the planner is pinned to %q: %v", s, err)
	}
}
