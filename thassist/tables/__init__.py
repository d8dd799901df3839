"""Table specs: TOML → lint → compute → cube."""
