package imagechat

import (
	"context"
	"regexp"
)

// Bounds of a brand kit.
const (
	maxBrandName  = 100
	maxBrandText  = 2000
	maxBrandRules = 20
	maxColors     = 12
)

// BrandPatch changes what is not nil.
type BrandPatch struct {
	Name, Description, Typography, Tone *string
	Palette                             *[]Color
	Do, Dont                            *[]string
	LogoImageID                         *ImageID
}

var hexColor = regexp.MustCompile(`^#[0-9A-Fa-f]{6}$`)

func (s *Service) checkBrand(ctx context.Context, b *Brand) error {
	checks := []error{
		checkText("name", b.Name, 1, maxBrandName),
		checkText("description", b.Description, 0, maxBrandText),
		checkText("typography", b.Typography, 0, maxBrandText),
		checkText("tone", b.Tone, 0, maxBrandText),
		checkRules("do", b.Do),
		checkRules("dont", b.Dont),
	}
	if len(b.Palette) > maxColors {
		checks = append(checks, invalid("palette", "too_long", 0, maxColors))
	}
	for _, c := range b.Palette {
		if !hexColor.MatchString(c.Hex) {
			checks = append(checks, invalid("palette", "hex_color"))
		}
		checks = append(checks, checkText("palette", c.Name, 0, maxBrandName))
	}
	if b.LogoImageID != "" {
		if _, err := s.Image(ctx, b.LogoImageID); CodeOf(err) == ImageNotFound {
			checks = append(checks, invalid("logo_image_id", "unknown"))
		} else if err != nil {
			return err
		}
	}
	return joinFields(checks...)
}

func checkRules(location string, rules []string) error {
	if len(rules) > maxBrandRules {
		return invalid(location, "too_long", 0, maxBrandRules)
	}
	for _, rule := range rules {
		if err := checkText(location, rule, 1, 300); err != nil {
			return err
		}
	}
	return nil
}

// CreateBrand keeps a brand kit; ID, Owner and times are set.
func (s *Service) CreateBrand(ctx context.Context, b Brand) (*Brand, error) {
	if err := s.checkBrand(ctx, &b); err != nil {
		return nil, err
	}
	now := s.now()
	b.ID, b.Owner, b.CreatedAt, b.UpdatedAt = BrandID(newID(now)), OwnerOf(ctx), now, now
	return &b, s.repo.CreateBrand(ctx, &b)
}

// Brand returns one brand kit, or NotFound.
func (s *Service) Brand(ctx context.Context, id BrandID) (*Brand, error) {
	return s.brandIn(ctx, s.repo, id)
}

func (s *Service) brandIn(ctx context.Context, r BrandStore, id BrandID) (*Brand, error) {
	if !idForm(id) {
		return nil, &Error{Code: NotFound}
	}
	b, err := r.GetBrand(ctx, id)
	if err != nil {
		return nil, err
	}
	if b.Owner != OwnerOf(ctx) {
		return nil, &Error{Code: NotFound}
	}
	return b, nil
}

// Brands returns the caller's brand kits by name.
func (s *Service) Brands(ctx context.Context) ([]Brand, error) {
	found, err := s.repo.ListBrands(ctx, OwnerOf(ctx))
	out := make([]Brand, len(found))
	for i, b := range found {
		out[i] = *b
	}
	return out, err
}

// UpdateBrand changes what the patch names.
func (s *Service) UpdateBrand(ctx context.Context, id BrandID, p BrandPatch) (*Brand, error) {
	b, err := s.Brand(ctx, id)
	if err != nil {
		return nil, err
	}
	set(&b.Name, p.Name)
	set(&b.Description, p.Description)
	set(&b.Typography, p.Typography)
	set(&b.Tone, p.Tone)
	set(&b.Palette, p.Palette)
	set(&b.Do, p.Do)
	set(&b.Dont, p.Dont)
	set(&b.LogoImageID, p.LogoImageID)
	if err := s.checkBrand(ctx, b); err != nil {
		return nil, err
	}
	b.UpdatedAt = s.now()
	return b, s.repo.UpdateBrand(ctx, b)
}

// DeleteBrand removes a brand kit. Sessions that refer to it go on without.
func (s *Service) DeleteBrand(ctx context.Context, id BrandID) error {
	if _, err := s.Brand(ctx, id); err != nil {
		return err
	}
	return s.repo.DeleteBrand(ctx, id)
}
