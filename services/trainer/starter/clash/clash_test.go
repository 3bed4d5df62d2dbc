package clash_test

import (
	"testing"
	"testing/fstest"

	"github.com/grokputer/grokputer/services/trainer/starter/clash"
)

const page = `<html><script>
var n = 5;
d3.select('#query').html('Grasp the <b>knob</b> "' + name.toUpperCase() + '" and turn it ' + (n + 1) + ' times.');
const bold = x + ' b ' + y + ' b ' + z;
const other = ` + "`Fetch ${n} apples from the cellar`" + `;
</script><div id="query">Ring the bell.</div></html>`

func TestLike(t *testing.T) {
	t.Parallel()
	patterns, err := clash.Read(fstest.MapFS{"a.html": {Data: []byte(page)}})
	if err != nil {
		t.Fatal(err)
	}
	for task, want := range map[string]bool{
		`Grasp the knob "Foo Bar" and turn it 3 times.`:   true,
		`grasp the knob foo bar and turn it thrice times`: true,
		`fetch 12 apples from the cellar`:                 true,
		`RING the bell!`:                                  true,
		`ring the bell twice`:                             false,
		`grasp the knob and turn it 3 times`:              false,
		`take the knob "Foo" and turn it 3 times`:         false,
		`bell`:                                 false,
		`user vVD7B with password vVD7B839 go`: false,
		`fetch 7b9 apples from the cellar`:     true,
	} {
		if got := patterns.Like(task); got != want {
			t.Errorf("%q is like a pattern: %v, want %v", task, got, want)
		}
	}
}

func TestReadWantsPages(t *testing.T) {
	t.Parallel()
	if _, err := clash.Read(fstest.MapFS{}); err == nil {
		t.Error("no pages are enough")
	}
}
