package versus

import (
	"fmt"
	"maps"

	"github.com/grokputer/grokputer/lm/bench"
)

// Result is a finished contest, as lm.json has it.
type Result struct {
	Date     string            `json:"date"`   // day of the last round
	Commit   string            `json:"commit"` // with "+changes" when the files differed from it
	Machine  Machine           `json:"machine"`
	Versions map[string]string `json:"versions"`
	Devices  map[string]string `json:"devices"` // what computed, by contestant
	Model    string            `json:"model"`   // the file's name
	Threads  int               `json:"threads"`
	Rounds   int               `json:"rounds"`
	Workload bench.Size        `json:"workload"`
	Goals    []Goal            `json:"goals"`
	// Values are all numbers: Values[contestant][metric] has one for each round.
	Values map[string]map[bench.Metric][]float64 `json:"values"`
	// Agreement is in how many of the agent's steps a peer chose the action that we
	// chose, by peer.
	Agreement map[string]string `json:"same_actions,omitempty"`
}

// Goal is one line of the table.
type Goal struct {
	Work   string       `json:"work"`
	Metric bench.Metric `json:"metric"`
	Unit   string       `json:"unit"`
	Ours   bench.Spread `json:"ours"`
	// Peer is the best of the peers, by its median; empty where there is none.
	Peer      string        `json:"peer,omitempty"`
	PeerValue *bench.Spread `json:"peer_value,omitempty"`
	// Ratio is over the rounds, of the two values of each.
	Ratio *bench.Spread `json:"ratio,omitempty"`
	Want  string        `json:"goal"`
	Met   bool          `json:"met"`

	digits int
}

// Judge compares what the rounds gave. Rows that nothing was measured for are left out.
func Judge(all Outcomes, m Machine) Result {
	r := Result{
		Machine: m, Versions: map[string]string{}, Devices: map[string]string{},
		Values: map[string]map[bench.Metric][]float64{}, Agreement: agreement(all[bench.Step]),
	}
	for _, contestants := range all {
		for name, outcomes := range contestants {
			for _, o := range outcomes {
				maps.Copy(r.Versions, o.Versions)
				if o.Device != "" {
					r.Devices[name] = o.Device
				}
				for metric, v := range o.Values {
					if r.Values[name] == nil {
						r.Values[name] = map[bench.Metric][]float64{}
					}
					r.Values[name][metric] = append(r.Values[name][metric], v)
				}
			}
		}
	}
	for _, row := range rows() {
		if ours := r.Values[Ours][row.metric]; len(ours) > 0 {
			r.Goals = append(r.Goals, r.judge(row, ours))
		}
	}
	return r
}

// judge makes one line.
func (r Result) judge(row row, ours []float64) Goal {
	want := row.goal(r.Machine.Vector)
	g := Goal{
		Work: row.work, Metric: row.metric, Unit: row.unit, Ours: bench.SpreadOf(ours...), Want: row.want(want), digits: row.digits,
	}
	value := g.Ours.Median
	for _, name := range row.peers {
		values := r.Values[name][row.metric]
		if len(values) == 0 {
			continue
		}
		spread := bench.SpreadOf(values...)
		if g.Peer != "" && !row.better(spread.Median, g.PeerValue.Median) {
			continue
		}
		ratios := make([]float64, min(len(ours), len(values)))
		for i := range ratios {
			ratios[i] = row.ratio(ours[i], values[i])
		}
		ratio := bench.SpreadOf(ratios...)
		g.Peer, g.PeerValue, g.Ratio = name, &spread, &ratio
		value = ratio.Median
	}
	g.Met = row.met(value, want) && (row.than == below || g.Peer != "")
	return g
}

// agreement counts the steps in which a peer said what we said.
func agreement(steps map[string][]bench.Outcome) map[string]string {
	counts := map[string]string{}
	for name, outcomes := range steps {
		if name == Ours || len(steps[Ours]) == 0 {
			continue
		}
		ours, theirs := steps[Ours][0].Texts, outcomes[0].Texts
		same := 0
		for i := range min(len(ours), len(theirs)) {
			if ours[i] == theirs[i] {
				same++
			}
		}
		counts[name] = fmt.Sprintf("%d of %d", same, len(ours))
	}
	return counts
}
