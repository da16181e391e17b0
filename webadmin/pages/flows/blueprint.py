"""The page's blueprint, which its views share."""

from webadmin.access import blueprint_of

blueprint = blueprint_of("webadmin.pages.flows", "flows", "/flows")
