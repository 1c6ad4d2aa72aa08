"""Room for what a page shows of an order: its round stands before its digest."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0017_document_marks"),
    ]

    operations = [
        migrations.AlterField(
            model_name="batchtaskline",
            name="digest",
            field=models.CharField(max_length=80),
        ),
    ]
