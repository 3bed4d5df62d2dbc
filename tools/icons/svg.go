package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// style is what an element of an SVG hands down to those in it.
type style struct {
	fill, stroke bool
	evenOdd      bool
	width        float64
	ends         int
	move         matrix
}

// matrix maps x, y to a*x+c*y+e, b*x+d*y+f.
type matrix struct{ a, b, c, d, e, f float64 }

func (m matrix) of(n matrix) matrix {
	return matrix{
		m.a*n.a + m.c*n.b, m.b*n.a + m.d*n.b, m.a*n.c + m.c*n.d, m.b*n.c + m.d*n.d,
		m.a*n.e + m.c*n.f + m.e, m.b*n.e + m.d*n.f + m.f,
	}
}

func (m matrix) point(p point) point {
	return point{m.a*p.x + m.c*p.y + m.e, m.b*p.x + m.d*p.y + m.f}
}

// drawSVG draws what the icon sets use of SVG: filled and stroked shapes of one colour.
func drawSVG(data []byte) (*mask, error) {
	m := new(mask)
	d := xml.NewDecoder(bytes.NewReader(data))
	styles := []style{{fill: true, width: 1, move: matrix{a: 1, d: 1}}}
	for {
		token, err := d.Token()
		switch {
		case errors.Is(err, io.EOF):
			return m, nil
		case err != nil:
			return nil, fmt.Errorf("read the SVG: %w", err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if t.Name.Local == "defs" || t.Name.Local == "title" || t.Name.Local == "clipPath" {
				if err := d.Skip(); err != nil {
					return nil, fmt.Errorf("read the SVG: %w", err)
				}
				continue
			}
			attrs := make(map[string]string)
			for _, a := range t.Attr {
				attrs[a.Name.Local] = a.Value
			}
			for rule := range strings.SplitSeq(attrs["style"], ";") {
				if k, v, ok := strings.Cut(rule, ":"); ok {
					attrs[strings.TrimSpace(k)] = strings.TrimSpace(v)
				}
			}
			s, err := styles[len(styles)-1].with(attrs)
			if err != nil {
				return nil, err
			}
			if t.Name.Local == "svg" {
				if s.move, err = viewBox(attrs["viewBox"]); err != nil {
					return nil, err
				}
			}
			styles = append(styles, s)
			lines, err := shape(t.Name.Local, attrs)
			if err != nil {
				return nil, err
			}
			m.draw(lines, s)
		case xml.EndElement:
			styles = styles[:len(styles)-1]
		}
	}
}

func (m *mask) draw(lines []line, s style) {
	for _, l := range lines {
		for i := range l.points {
			l.points[i] = s.move.point(l.points[i])
		}
	}
	if s.fill {
		m.fill(lines, s.evenOdd)
	}
	if s.stroke {
		m.stroke(lines, s.width*math.Sqrt(math.Abs(s.move.a*s.move.d-s.move.b*s.move.c)), s.ends)
	}
}

// viewBox maps a box to the mask.
func viewBox(box string) (matrix, error) {
	v, err := floats(box)
	if err != nil || len(v) != 4 {
		return matrix{}, fmt.Errorf("viewBox %q is not four numbers", box)
	}
	k := side / max(v[2], v[3])
	return matrix{a: k, d: k, e: -v[0]*k + (side-v[2]*k)/2, f: -v[1]*k + (side-v[3]*k)/2}, nil
}

func floats(s string) ([]float64, error) {
	var out []float64
	for field := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ' ' || r == ',' || r == '\n' }) {
		v, err := strconv.ParseFloat(strings.TrimSuffix(field, "px"), 64)
		if err != nil {
			return nil, fmt.Errorf("number: %w", err)
		}
		out = append(out, v)
	}
	return out, nil
}

func (s style) with(attrs map[string]string) (style, error) {
	if v, ok := attrs["fill"]; ok {
		s.fill = v != "none"
	}
	if v, ok := attrs["stroke"]; ok {
		s.stroke = v != "none"
	}
	if v, ok := attrs["fill-rule"]; ok {
		s.evenOdd = v == "evenodd"
	}
	if v, ok := attrs["stroke-linecap"]; ok {
		s.ends = map[string]int{"round": round, "square": square}[v]
	}
	if v, ok := attrs["stroke-width"]; ok {
		w, err := floats(v)
		if err != nil || len(w) != 1 {
			return s, fmt.Errorf("stroke-width %q is no number", v)
		}
		s.width = w[0]
	}
	for v := range strings.SplitSeq(attrs["transform"], ")") {
		name, rest, ok := strings.Cut(v, "(")
		if !ok {
			continue
		}
		n, err := floats(rest)
		if err != nil {
			return s, err
		}
		switch name = strings.TrimSpace(name); {
		case name == "matrix" && len(n) == 6:
			s.move = s.move.of(matrix{n[0], n[1], n[2], n[3], n[4], n[5]})
		case name == "translate" && len(n) == 2:
			s.move = s.move.of(matrix{1, 0, 0, 1, n[0], n[1]})
		case name == "rotate" && len(n) > 0:
			sin, cos := math.Sincos(n[0] * math.Pi / 180)
			n = append(n, 0, 0)
			s.move = s.move.of(matrix{1, 0, 0, 1, n[1], n[2]}).of(matrix{cos, sin, -sin, cos, 0, 0}).of(matrix{1, 0, 0, 1, -n[1], -n[2]})
		default:
			return s, fmt.Errorf("transform %q is not known", v)
		}
	}
	return s, nil
}

// shape returns the lines of an element, none for one that draws nothing.
func shape(name string, attrs map[string]string) ([]line, error) {
	n := make(map[string]float64)
	for _, k := range []string{"x", "y", "width", "height", "rx", "ry", "cx", "cy", "r", "x1", "y1", "x2", "y2"} {
		if v, err := floats(attrs[k]); err == nil && len(v) == 1 {
			n[k] = v[0]
		}
	}
	oval := func(cx, cy, rx, ry float64) string {
		return fmt.Sprintf("M%f %fA%f %f 0 1 0 %f %fA%f %f 0 1 0 %f %fZ", cx-rx, cy, rx, ry, cx+rx, cy, rx, ry, cx-rx, cy)
	}
	switch name {
	case "path":
		return readPath(attrs["d"])
	case "circle":
		return readPath(oval(n["cx"], n["cy"], n["r"], n["r"]))
	case "ellipse":
		return readPath(oval(n["cx"], n["cy"], n["rx"], n["ry"]))
	case "line":
		return readPath(fmt.Sprintf("M%f %fL%f %f", n["x1"], n["y1"], n["x2"], n["y2"]))
	case "polyline":
		return readPath("M" + attrs["points"])
	case "polygon":
		return readPath("M" + attrs["points"] + "Z")
	case "rect":
		rx, ry := n["rx"], n["ry"]
		if ry == 0 {
			ry = rx
		}
		w, h := n["width"], n["height"]
		rx, ry = min(rx, w/2), min(ry, h/2)
		return readPath(fmt.Sprintf("M%f %fh%fa%f %f 0 0 1 %f %fv%fa%f %f 0 0 1 %f %fh%fa%f %f 0 0 1 %f %fv%fa%f %f 0 0 1 %f %fZ",
			n["x"]+rx, n["y"], w-2*rx, rx, ry, rx, ry, h-2*ry, rx, ry, -rx, ry, 2*rx-w, rx, ry, -rx, -ry, 2*ry-h, rx, ry, rx, -ry))
	default:
		return nil, nil
	}
}
