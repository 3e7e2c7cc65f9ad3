package finish

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// AI-made pictures are declared with this value of IPTC's digital source type
// vocabulary, which search engines and social networks read
// (http://cv.iptc.org/newscodes/digitalsourcetype/).
const (
	TrainedAlgorithmicMedia = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
	// CompositeWithTrainedAlgorithmicMedia: a model's output and what a person gave.
	CompositeWithTrainedAlgorithmicMedia = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
	// AlgorithmicMedia: drawn by a program that was trained on nothing.
	AlgorithmicMedia = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicMedia"
	// Composite: several elements, none of them a model's output.
	Composite = "http://cv.iptc.org/newscodes/digitalsourcetype/composite"
)

// Provenance is what a finished file says about where it comes from. Empty
// fields are left out; each is cut at 512 bytes.
type Provenance struct {
	ImageID      string // our id of the source image (xmpMM:DerivedFrom documentID)
	SourceSHA256 string // of the source's bytes, in hex (dc:source, "sha256:…")
	Model        string // the generator (Iptc4xmpExt:AISystemUsed)
	Software     string // what finished it (xmp:CreatorTool)
	// DigitalSourceType is a URI of IPTC's vocabulary; "" means TrainedAlgorithmicMedia.
	DigitalSourceType string
}

const (
	xmpOpen = `<?xpacket begin="` + "\ufeff" + `" id="W5M0MpCehiHzreSzNTczkc9d"?>` +
		`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` +
		`<rdf:Description rdf:about=""` +
		` xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"` +
		` xmlns:dc="http://purl.org/dc/elements/1.1/"` +
		` xmlns:xmp="http://ns.adobe.com/xap/1.0/"` +
		` xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/"` +
		` xmlns:stRef="http://ns.adobe.com/xap/1.0/sType/ResourceRef#">`
	xmpClose     = `</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>`
	maxXMPField  = 512
	maxXMPPacket = 1 << 20
)

// packet writes the XMP packet; a nil Provenance has none.
func (p *Provenance) packet() []byte {
	if p == nil {
		return nil
	}
	sourceType := p.DigitalSourceType
	if sourceType == "" {
		sourceType = TrainedAlgorithmicMedia
	}
	var b bytes.Buffer
	b.WriteString(xmpOpen)
	element := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "<%s>%s</%s>", name, xmpText(value), name)
		}
	}
	element("Iptc4xmpExt:DigitalSourceType", sourceType)
	element("Iptc4xmpExt:AISystemUsed", p.Model)
	element("xmp:CreatorTool", p.Software)
	if p.SourceSHA256 != "" {
		element("dc:source", "sha256:"+p.SourceSHA256)
	}
	if p.ImageID != "" {
		fmt.Fprintf(&b, `<xmpMM:DerivedFrom rdf:parseType="Resource"><stRef:documentID>%s</stRef:documentID></xmpMM:DerivedFrom>`,
			xmpText(p.ImageID))
	}
	b.WriteString(xmpClose)
	return b.Bytes()
}

func xmpText(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	if len(s) > maxXMPField {
		cut := maxXMPField
		for !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut]
	}
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder does not fail
	return b.String()
}

// ParseXMP reads back what packet wrote. Foreign packets give what they share
// with ours; fields written as RDF attributes are not looked for.
func ParseXMP(packet []byte) (Provenance, error) {
	var p Provenance
	if len(packet) > maxXMPPacket {
		return p, fmt.Errorf("%w: XMP of %d bytes", ErrInvalid, len(packet))
	}
	fields := map[string]*string{
		"DigitalSourceType": &p.DigitalSourceType, "AISystemUsed": &p.Model,
		"CreatorTool": &p.Software, "source": &p.SourceSHA256, "documentID": &p.ImageID,
	}
	d := xml.NewDecoder(bytes.NewReader(packet))
	var into *string
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			p.SourceSHA256 = strings.TrimPrefix(p.SourceSHA256, "sha256:")
			return p, nil
		}
		if err != nil {
			return Provenance{}, fmt.Errorf("%w: XMP: %w", ErrInvalid, err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			into = fields[t.Name.Local]
		case xml.EndElement:
			into = nil
		case xml.CharData:
			if into != nil {
				*into += string(t)
			}
		}
	}
}
