"""Addresses of the rules of target systems; who may visit them stands in `lra_portal.access`."""

from django.urls import URLPattern, URLResolver, path

from applications.views import rulesets

SYSTEM = "rules/target-systems/<slug:slug>"
VERSION = "rules/versions/<uuid:key>"

urlpatterns: list[URLPattern | URLResolver] = [
    path("rules/target-systems/", rulesets.overview, name="rule_systems"),
    path("rules/new-target-system/", rulesets.new, name="rule_system_new"),
    path(f"{SYSTEM}/", rulesets.system, name="rule_system"),
    path(f"{SYSTEM}/edit/", rulesets.edit, name="rule_edit"),
    path(f"{VERSION}/", rulesets.version, name="rule_version"),
    path(f"{VERSION}/sample/", rulesets.sample, name="rule_sample"),
    path(f"{VERSION}/activate/", rulesets.activate, name="rule_activate"),
    path(f"{VERSION}/discard/", rulesets.discard, name="rule_discard"),
    path(f"{VERSION}/file.<slug:kind>", rulesets.file, name="rule_file"),
]
