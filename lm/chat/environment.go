package chat

import (
	"errors"
	"fmt"

	"github.com/nikolalohinski/gonja/v2/builtins"
	"github.com/nikolalohinski/gonja/v2/config"
	"github.com/nikolalohinski/gonja/v2/exec"
	"github.com/nikolalohinski/gonja/v2/loaders"
	"github.com/nikolalohinski/gonja/v2/parser"
)

const (
	templateName = "/chat_template"
	maxRange     = 10_000
)

// raisedError is what a template says with raise_exception.
type raisedError struct{ message string }

func (r raisedError) Error() string { return r.message }

// list is a list of a template. The engine's own lists find nothing at index -n of n elements, such as
// messages[-1] of one message.
type list []any

// GetItem implements the engine's ItemGetter.
func (l list) GetItem(key any) (*exec.Value, bool) {
	i, ok := key.(int)
	if i < 0 {
		i += len(l)
	}

	if !ok || i < 0 || i >= len(l) {
		return exec.AsValue(nil), false
	}

	return exec.AsValue(l[i]), true
}

// parse reads a template in an environment without files.
func parse(source string) (parsed *exec.Template, err error) {
	defer recoverInto(&err)

	loader, err := loaders.NewMemoryLoader(map[string]string{templateName: source})
	if err != nil {
		return nil, fmt.Errorf("loader: %w", err)
	}

	statements, err := allowedStatements()
	if err != nil {
		return nil, err
	}

	settings := config.New()
	settings.TrimBlocks = true
	settings.LeftStripBlocks = true

	environment := &exec.Environment{
		Context:           exec.NewContext(globals()),
		Filters:           builtins.Filters,
		Tests:             builtins.Tests,
		ControlStructures: statements,
		Methods:           builtins.Methods,
	}

	parsed, err = exec.NewTemplate(templateName, settings, loader, environment)
	if err != nil {
		if cause := errors.Unwrap(err); cause != nil {
			err = cause // the outer error repeats the whole template
		}

		return nil, fmt.Errorf("parse: %w", err)
	}

	return parsed, nil
}

// allowedStatements returns the statements that chat templates need. What calls itself (macros) or
// reads other templates is left out.
func allowedStatements() (*exec.ControlStructureSet, error) {
	allowed := make(map[string]parser.ControlStructureParser)

	for _, name := range []string{"if", "for", "set", "raw", "break", "continue", "do"} {
		statement, ok := builtins.ControlStructures.Get(name)
		if !ok {
			return nil, fmt.Errorf("the template engine has no statement %q", name)
		}

		allowed[name] = statement
	}

	return exec.NewControlStructureSet(allowed), nil
}

// globals returns the functions that a template may call.
func globals() map[string]any {
	out := map[string]any{"range": numbers}

	if namespace, ok := builtins.GlobalFunctions.Get("namespace"); ok {
		out["namespace"] = namespace
	}

	return out
}

// numbers is Python's range with an upper limit. The engine's own starts a goroutine that never ends if
// a loop is left early.
func numbers(_ *exec.Evaluator, arguments *exec.VarArgs) ([]int, error) {
	for _, argument := range arguments.Args {
		if !argument.IsInteger() {
			return nil, errors.New("range takes integers")
		}
	}

	var start, stop int

	step := 1

	switch args := arguments.Args; len(args) {
	case 1:
		stop = args[0].Integer()
	case 2:
		start, stop = args[0].Integer(), args[1].Integer()
	case 3:
		start, stop, step = args[0].Integer(), args[1].Integer(), args[2].Integer()
	default:
		return nil, errors.New("range takes one to three integers")
	}

	if step == 0 {
		return nil, errors.New("range has a step of 0")
	}

	var out []int

	for i := start; step > 0 && i < stop || step < 0 && i > stop; i += step {
		if len(out) == maxRange {
			return nil, fmt.Errorf("range of more than %d numbers", maxRange)
		}

		out = append(out, i)
	}

	return out, nil
}

// recoverInto makes a panic of the template engine an error: templates come from elsewhere.
func recoverInto(err *error) {
	if cause := recover(); cause != nil {
		*err = fmt.Errorf("the template engine panicked: %v", cause)
	}
}
