package lora

import "fmt"

// Module names one frozen linear layer of a decoder block that an adapter can
// be attached to. The order is fixed: checkpoints and gradients rely on it.
type Module uint8

// The seven linear layers of a Llama-family block, in the order of the
// forward pass.
const (
	Query Module = iota
	Key
	Value
	Output
	Gate
	Up
	Down
)

// Modules is how many there are.
const Modules = int(Down) + 1

var moduleNames = [Modules]string{"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}

// String returns PEFT's name of the module, such as "q_proj".
func (m Module) String() string {
	if int(m) >= Modules {
		return fmt.Sprintf("Module(%d)", uint8(m))
	}
	return moduleNames[m]
}

// ParseModule is the inverse of String.
func ParseModule(name string) (Module, error) {
	for i, n := range moduleNames {
		if n == name {
			return Module(i), nil
		}
	}
	return 0, fmt.Errorf("lora: unknown target module %q (known: %v)", name, moduleNames)
}

// AllModules returns the seven modules in order.
func AllModules() []Module {
	return []Module{Query, Key, Value, Output, Gate, Up, Down}
}

// block is the part of a decoder block that holds the module, as Hugging Face
// names it.
func (m Module) block() string {
	if m >= Gate {
		return "mlp"
	}
	return "self_attn"
}
