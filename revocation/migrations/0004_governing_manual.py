"""The manual that governed a request when it came in (O-12.1)."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("regulations", "0005_document_versions"),
        ("revocation", "0003_reports"),
    ]

    operations = [
        migrations.AddField(
            model_name="revocationrequest",
            name="manual",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="regulations.documentversion",
            ),
        ),
    ]
