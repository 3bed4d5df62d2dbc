package learning

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/grokputer/grokputer/cmd/grokputer/bench/miniwob"
)

// Document is the file that curves are written into.
func Document(file string) miniwob.Document {
	return miniwob.Document{File: file, Opening: "# Learning from stars\n\nWritten by `make bench-learning`; each section says how.\n"}
}

// Describe says in a line what came of a round's ratings.
func Describe(r Round) string {
	t := r.Training
	switch {
	case t == nil:
		return "not trained yet"
	case t.Version == "":
		return t.State + ": " + t.Why
	default:
		return fmt.Sprintf("%s is %s: %s", t.Version, t.State, t.Why)
	}
}

// Heading names the columns of Rows.
func Heading() []string {
	return strings.Split("ROUND,VERSION,IN USE,STARS,SESSIONS,CORRECTED,SUCCESS,95 % INTERVAL,STEPS,REPEATS,TIME,CPU", ",")
}

// Rows are the rounds that have ended.
func (r Report) Rows() [][]string {
	var rows [][]string
	for _, row := range r.done() {
		rows = append(rows, row.cells())
	}
	return rows
}

func (r Row) cells() []string {
	stars, sessions, corrected := "", "", ""
	if r.Rated.N > 0 {
		stars = fmt.Sprintf("%.2f", r.Rated.Stars)
		sessions = fmt.Sprintf("%d of %d", r.Rated.Success, r.Rated.N)
		corrected = fmt.Sprint(r.Rated.Corrected)
	}
	success, interval, steps, repeats := "", "", "", ""
	if s := r.Score; s != nil {
		success, interval = percent(s.Rate), fmt.Sprintf("%.1f to %.1f %%", 100*s.Low, 100*s.High)
		steps, repeats = fmt.Sprintf("%.2f", s.Steps), fmt.Sprint(s.Repeats)
	}
	cost := r.Playing.Plus(r.Learning).Plus(r.Judging)
	return []string{
		fmt.Sprint(r.N), r.Evaluated, r.Champion, stars, sessions, corrected, success, interval, steps, repeats, span(cost.Seconds), span(cost.CPU),
	}
}

func percent(part float64) string { return fmt.Sprintf("%.1f %%", 100*part) }

// points is a difference in points.
func points(d float64) string { return fmt.Sprintf("%+.1f", 100*d) }

// Markdown is the report, with the picture of that name.
func (r Report) Markdown(picture string) string {
	var b strings.Builder
	title := "### What ratings with corrections teach"
	if !r.Settings.Corrections {
		title = "### What stars alone teach"
	}
	s := r.Settings
	fmt.Fprintf(&b, "%s\n\n%s\n\n![success after each round](%s)\n\n", title, r.Measured, picture)
	fmt.Fprintf(&b, "%d tasks of MiniWoB++, rounds of %d sessions with seeds below 1,000,000; the page's reward gives 5 stars or 1", len(s.Tasks), s.Sessions)
	if s.Corrections {
		b.WriteString(", and a scripted user says of a failure what would have been right at one step")
	}
	fmt.Fprintf(&b, ". Order, seeds and other pages are drawn with %d. A training is due after %d ratings and at no other time (cool-down %s, idle %s); "+
		"method %s, %d passes over the examples and %d steps at least, learning rate %g, %d parts of the sessions left out in turn, rollout %s. Judged with %d evaluation seeds of each task in a house of its own. %s.\n\n",
		s.Seed, s.Rules.Volume, s.CoolDown, s.Idle, s.Recipe.Method, s.Recipe.Epochs, s.Recipe.MinSteps, s.Recipe.LearningRate, s.Recipe.LeaveOut, s.Rollout, s.EvaluationSeeds, s.Played)
	b.WriteString("Version is what the round is judged by: what it made, or else what is in use. Steps are the mean of the evaluation; repeats are clicks that\n" +
		"were the same as the step before, on a screen on which the same was seen. CPU is what this program and what it started have used.\n\n")
	b.WriteString(row(lower(Heading())) + row(slices.Repeat([]string{"---"}, len(Heading()))))
	for _, cells := range r.Rows() {
		b.WriteString(row(cells))
	}
	b.WriteString("\n")
	for _, round := range r.done() {
		if round.N > 0 {
			fmt.Fprintf(&b, "- Round %d (%s): %s\n", round.N, counts(round.Rated), Describe(round.Round))
		}
	}
	b.WriteString("\n" + r.goals())
	r.tasks(&b)
	return b.String()
}

func row(cells []string) string { return "| " + strings.Join(cells, " | ") + " |\n" }

func lower(cells []string) []string {
	list := make([]string, len(cells))
	for i, cell := range cells {
		list[i] = strings.ToLower(cell)
	}
	return list
}

// counts says what was rated of a round.
func counts(r Rated) string {
	var parts []string
	for _, version := range slices.Sorted(maps.Keys(r.Versions)) {
		parts = append(parts, fmt.Sprintf("%d with %s", r.Versions[version], version))
	}
	for _, fault := range slices.Sorted(maps.Keys(r.Faults)) {
		parts = append(parts, fmt.Sprintf("%s %d", fault, r.Faults[fault]))
	}
	if r.Refused > 0 {
		parts = append(parts, fmt.Sprintf("%d corrections refused", r.Refused))
	}
	return strings.Join(parts, ", ")
}

// goals says how the curve stands to what it is to show.
func (r Report) goals() string {
	var b strings.Builder
	if r.First != nil && r.Last != nil {
		fmt.Fprintf(&b, "- From %s (%.1f to %.1f) to %s (%.1f to %.1f) on %d episodes each; the goal is %.0f %%.\n",
			percent(r.First.Rate), 100*r.First.Low, 100*r.First.High, percent(r.Last.Rate), 100*r.Last.Low, 100*r.Last.High, r.Last.N, 100*goal)
	}
	for _, c := range []struct {
		name string
		*Comparison
	}{{"the first training", r.Gain}, {"all trainings", r.Whole}} {
		if c.Comparison != nil {
			fmt.Fprintf(&b, "- What %s brought (%s against %s, paired): %s\n", c.name, c.To, c.From, c.sentence())
		}
	}
	for _, c := range r.Promoted {
		drops := "no task lost more than 3 points beyond doubt"
		if list := c.Drops(); len(list) > 0 {
			var names []string
			for _, t := range list {
				names = append(names, fmt.Sprintf("%s %s (%s to %s)", t.Task, points(t.Difference), points(t.Low), points(t.High)))
			}
			drops = "lost more than 3 points: " + strings.Join(names, ", ")
		}
		fmt.Fprintf(&b, "- In use %s after %s: %s; %s (intervals for all tasks at once).\n", c.To, c.From, c.sentence(), drops)
	}
	if r.Before != nil && r.After != nil {
		fmt.Fprintf(&b, "- %d other pages, drawn by the seed and never looked at: %d of %d episodes before, %d of %d after.\n",
			r.Settings.Others, r.Before.Success, r.Before.N, r.After.Success, r.After.N)
	}
	if b.Len() > 0 {
		b.WriteString("\n")
	}
	return b.String()
}

func (c Comparison) sentence() string {
	return fmt.Sprintf("%s points (95 %% interval %s to %s), %d gained and %d lost of %d", points(c.Difference), points(c.Low), points(c.High), c.Gained, c.Lost, c.N)
}

// tasks writes the successes of each task after each round.
func (r Report) tasks(b *strings.Builder) {
	done := r.done()
	heading := []string{"task"}
	for _, round := range done {
		heading = append(heading, fmt.Sprint(round.N))
	}
	if r.Last != nil {
		heading = append(heading, "first", "last")
	}
	b.WriteString("Successes by task after each round, and on all seeds at both ends:\n\n" + row(heading) + row(slices.Repeat([]string{"---"}, len(heading))))
	for _, task := range r.Settings.Tasks {
		cells := []string{task}
		for _, round := range done {
			cells = append(cells, round.Score.of(task))
		}
		if r.Last != nil {
			cells = append(cells, r.First.of(task), r.Last.of(task))
		}
		b.WriteString(row(cells))
	}
}

func (s *Score) of(task string) string {
	if s == nil {
		return ""
	}
	t := s.Tasks[task]
	return fmt.Sprintf("%d/%d", t.Success, t.N)
}
